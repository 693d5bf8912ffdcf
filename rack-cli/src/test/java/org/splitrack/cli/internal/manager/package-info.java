@NullMarked
package org.splitrack.cli.internal.manager;

import org.jspecify.annotations.NullMarked;
