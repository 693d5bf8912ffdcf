package org.splitrack.e2e.plant;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts a {@link Bug} into the classes that this component has loaded, and takes it out again.
 * Loaded into a running JVM; the product knows nothing of it.
 */
public final class BugAgent {
  private static final String NONE = "none";
  private static @Nullable Planted present;

  private BugAgent() {}

  /**
   * A change, and what it was made with: each time the agent is loaded it gets another, which knows
   * nothing of the others' changes.
   */
  private record Planted(ClassFileTransformer change, Instrumentation by) {}

  /**
   * Called by the JVM when the agent is loaded, each time.
   *
   * @param bug name of a {@link Bug}, or {@code none}
   */
  public static synchronized void agentmain(String bug, Instrumentation instrumentation)
      throws UnmodifiableClassException {
    if (present != null) {
      if (!present.by().removeTransformer(present.change())) {
        throw new IllegalStateException("the bug stays");
      }
      present = null;
      retransform(instrumentation, List.of(Bug.values()));
    }
    if (!bug.equals(NONE)) {
      Bug planted = Bug.valueOf(bug);
      present = new Planted(transformer(planted), instrumentation);
      instrumentation.addTransformer(present.change(), true);
      retransform(instrumentation, List.of(planted));
    }
  }

  private static void retransform(Instrumentation instrumentation, List<Bug> bugs)
      throws UnmodifiableClassException {
    List<String> names =
        bugs.stream().flatMap(bug -> bug.changes().stream()).map(Bug.Change::className).toList();
    List<Class<?>> loaded = new ArrayList<>();
    for (Class<?> type : instrumentation.getAllLoadedClasses()) {
      if (names.contains(type.getName())) {
        loaded.add(type);
      }
    }
    if (!loaded.isEmpty()) {
      instrumentation.retransformClasses(loaded.toArray(Class<?>[]::new));
    }
  }

  private static ClassFileTransformer transformer(Bug bug) {
    return new ClassFileTransformer() {
      @Override
      public byte @Nullable [] transform(
          @Nullable Module module,
          @Nullable ClassLoader loader,
          String className,
          @Nullable Class<?> type,
          @Nullable ProtectionDomain domain,
          byte[] bytes) {
        String name = className.replace('/', '.');
        List<Bug.Change> here =
            bug.changes().stream().filter(change -> change.className().equals(name)).toList();
        return here.isEmpty() ? null : changed(bytes, here);
      }
    };
  }

  private static byte[] changed(byte[] bytes, List<Bug.Change> changes) {
    ClassFile classFile = ClassFile.of();
    return classFile.transformClass(
        classFile.parse(bytes), (builder, element) -> change(builder, element, changes));
  }

  private static void change(ClassBuilder builder, ClassElement element, List<Bug.Change> changes) {
    if (element instanceof MethodModel method) {
      for (Bug.Change change : changes) {
        if (method.methodName().equalsString(change.method())) {
          builder.transformMethod(
              method,
              (methodBuilder, part) -> {
                if (part instanceof CodeModel) {
                  methodBuilder.withCode(change.code());
                } else {
                  methodBuilder.with(part);
                }
              });
          return;
        }
      }
    }
    builder.with(element);
  }
}
