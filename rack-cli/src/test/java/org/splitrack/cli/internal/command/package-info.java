@NullMarked
package org.splitrack.cli.internal.command;

import org.jspecify.annotations.NullMarked;
