/** What tests of several modules need. */
@NullMarked
package org.splitrack.fabric.testkit;

import org.jspecify.annotations.NullMarked;
