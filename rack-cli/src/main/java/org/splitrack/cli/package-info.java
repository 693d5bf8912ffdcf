@NullMarked
package org.splitrack.cli;

import org.jspecify.annotations.NullMarked;
