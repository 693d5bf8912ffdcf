/** What {@code rack bench} runs in pods: page fetches and bare exchanges between them. */
@NullMarked
package org.splitrack.jobs.internal.pages;

import org.jspecify.annotations.NullMarked;
