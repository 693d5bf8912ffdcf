@NullMarked
package org.splitrack.cli.internal.output;

import org.jspecify.annotations.NullMarked;
