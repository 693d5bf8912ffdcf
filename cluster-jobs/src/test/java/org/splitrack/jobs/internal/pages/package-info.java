@NullMarked
package org.splitrack.jobs.internal.pages;

import org.jspecify.annotations.NullMarked;
