@NullMarked
package org.splitrack.cli.internal.machine;

import org.jspecify.annotations.NullMarked;
