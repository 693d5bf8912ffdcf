@NullMarked
package org.splitrack.cli.internal.demo;

import org.jspecify.annotations.NullMarked;
