/** The main job on a fresh rack, start to end. */
@NullMarked
package org.splitrack.cli.internal.demo;

import org.jspecify.annotations.NullMarked;
