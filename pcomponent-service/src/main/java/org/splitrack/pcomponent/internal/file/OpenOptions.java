package org.splitrack.pcomponent.internal.file;

/**
 * How to open. Appending, syncing and rights are the caller's business.
 *
 * @param create make a file where there is none
 * @param exclusive with {@code create}: {@link Errno#EXIST} where there is one
 * @param truncate cut an existing file to nothing
 * @param directory {@link Errno#NOTDIR} for anything else
 * @param write the file will be written; {@link Errno#ISDIR} for a directory
 */
public record OpenOptions(
    boolean create, boolean exclusive, boolean truncate, boolean directory, boolean write) {}
