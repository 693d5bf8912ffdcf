/** GSM: names, sizes and extent maps of files, as transactions on the {@code os_fs} tables. */
@NullMarked
package org.splitrack.manager.internal.file;

import org.jspecify.annotations.NullMarked;
