@NullMarked
package org.splitrack.manager;

import org.jspecify.annotations.NullMarked;
