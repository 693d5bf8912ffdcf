/** Files from the program's side to the disk, in one JVM: manager, sComponents, file clients. */
@NullMarked
package org.splitrack.e2e.files;

import org.jspecify.annotations.NullMarked;
