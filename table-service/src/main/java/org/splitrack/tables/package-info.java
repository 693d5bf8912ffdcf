@NullMarked
package org.splitrack.tables;

import org.jspecify.annotations.NullMarked;
