package org.splitrack.pcomponent.internal.excache;

/**
 * What a process's page path has done so far.
 *
 * @param pagesTouched pages of 4 KiB accessed at least once
 * @param cachePages frames that the process may hold now
 * @param hits faults that found their page in the cache: accesses to mapped pages cost nothing and
 *     are not counted, so this is a sample, as the clock sees it
 * @param misses accesses that waited for a home
 * @param zeroFills pages filled with zeros without asking the home
 * @param prefetchUsed prefetched pages that were accessed
 * @param prefetchWasted prefetched pages that left unused
 * @param bytesIn page bytes received
 * @param bytesOut page bytes sent
 * @param missUsP50 microseconds from the fault to the page, of misses
 * @param stallMsMax the longest wait of a program thread on the page path
 */
public record PageStatistics(
    int pagesTouched,
    int cachePages,
    long hits,
    long misses,
    long zeroFills,
    long prefetchUsed,
    long prefetchWasted,
    long writeBacks,
    long bytesIn,
    long bytesOut,
    double missUsP50,
    double missUsP90,
    double missUsP99,
    double missUsMax,
    double stallMsMax) {}
