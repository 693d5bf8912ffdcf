package org.splitrack.pcomponent.internal.file;

import java.util.List;

/**
 * A path below a directory: names that are not empty, not {@code .} or {@code ..}, hold no slash
 * and no NUL, and have at most 255 bytes of UTF-8. No names at all: the directory itself.
 *
 * @param mustBeDirectory the path ended in a slash or a dot
 */
public record RelativePath(List<String> names, boolean mustBeDirectory) {}
