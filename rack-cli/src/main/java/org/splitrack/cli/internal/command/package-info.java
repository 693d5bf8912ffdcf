/** The subcommands of {@code rack}. */
@NullMarked
package org.splitrack.cli.internal.command;

import org.jspecify.annotations.NullMarked;
