package org.splitrack.e2e;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.extension.ExtendWith;

/** Installs the chart on the cluster that {@code SPLITRACK_TEST_CLUSTER} names. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@EnabledIfEnvironmentVariable(
    named = "SPLITRACK_TEST_CLUSTER",
    matches = ".+",
    disabledReason = "SPLITRACK_TEST_CLUSTER names no kube context")
@ExtendWith(ClusterDiagnosis.class)
@interface ClusterTest {}
