/** The global manager: GPM places processes, GMM regions, GSM files. */
@NullMarked
package org.splitrack.manager;

import org.jspecify.annotations.NullMarked;
