package org.splitrack.fabric.control;

import java.lang.reflect.AnnotatedType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether a record that came as JSON has all that its type promises: a component that is not {@link
 * Nullable} is there, down through records, lists and maps. What reads records then need not fear
 * nulls that the compiler has ruled out.
 */
final class Completeness {
  private static final ClassValue<List<Part>> PARTS =
      new ClassValue<>() {
        @Override
        protected List<Part> computeValue(Class<?> type) {
          return partsOf(type);
        }
      };

  private Completeness() {}

  /** The path of a component that is missing in {@code value}, or null when all is there. */
  static @Nullable String missingIn(Object value) {
    return switch (value) {
      case Record whole -> missingInRecord(whole);
      case Collection<?> elements -> missingInAny(elements);
      case Map<?, ?> map -> missingInAny(map.values());
      default -> null;
    };
  }

  private static @Nullable String missingInRecord(Record whole) {
    for (Part part : PARTS.get(whole.getClass())) {
      Object value = part.of(whole);
      if (value == null) {
        if (!part.mayBeNull()) {
          return part.name();
        }
      } else {
        String missing = missingIn(value);
        if (missing != null) {
          return part.name() + "." + missing;
        }
      }
    }
    return null;
  }

  private static @Nullable String missingInAny(Collection<?> elements) {
    for (Object element : elements) {
      String missing = element == null ? "an element" : missingIn(element);
      if (missing != null) {
        return missing;
      }
    }
    return null;
  }

  private static List<Part> partsOf(Class<?> type) {
    List<Part> parts = new ArrayList<>();
    RecordComponent[] components = type.getRecordComponents();
    for (RecordComponent component : components == null ? new RecordComponent[0] : components) {
      if (!component.getType().isPrimitive()) {
        component.getAccessor().setAccessible(true);
        parts.add(new Part(component));
      }
    }
    return List.copyOf(parts);
  }

  private record Part(RecordComponent component) {
    String name() {
      return component.getName();
    }

    boolean mayBeNull() {
      AnnotatedType type = component.getAnnotatedType();
      return type.isAnnotationPresent(Nullable.class);
    }

    @Nullable Object of(Record whole) {
      try {
        return component.getAccessor().invoke(whole);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("cannot read " + component, e);
      }
    }
  }
}
