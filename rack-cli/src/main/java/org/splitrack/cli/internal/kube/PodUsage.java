package org.splitrack.cli.internal.kube;

import java.time.Instant;
import org.splitrack.fabric.ComponentId;

/**
 * What a component's container has used, as its kubelet counts.
 *
 * @param cpuNs since the container's start, at {@code cpuAt}
 * @param workingSetBytes memory that cannot be taken from it without writing or dropping anything
 *     that it uses
 */
public record PodUsage(ComponentId component, Instant cpuAt, long cpuNs, long workingSetBytes) {}
