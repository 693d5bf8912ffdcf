/** The /v1 API that the rack command talks to. */
@NullMarked
package org.splitrack.manager.internal.http;

import org.jspecify.annotations.NullMarked;
