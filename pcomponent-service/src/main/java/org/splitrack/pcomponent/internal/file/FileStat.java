package org.splitrack.pcomponent.internal.file;

/** What {@code stat} tells. Times are ns since 1970. */
public record FileStat(
    long device,
    long inode,
    FileType type,
    long linkCount,
    long sizeBytes,
    long accessedNs,
    long modifiedNs,
    long changedNs) {}
