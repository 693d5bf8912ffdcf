package org.splitrack.e2e;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** Takes minutes: {@code rack test --long} or {@code --only} with its name runs it. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@EnabledIfSystemProperty(
    named = "splitrack.slow",
    matches = "true",
    disabledReason = "takes minutes; rack test --long runs it")
@interface LongTest {}
