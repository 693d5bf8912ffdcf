@NullMarked
package org.splitrack.cli.internal.map;

import org.jspecify.annotations.NullMarked;
