@NullMarked
package org.splitrack.pcomponent.internal.file;

import org.jspecify.annotations.NullMarked;
