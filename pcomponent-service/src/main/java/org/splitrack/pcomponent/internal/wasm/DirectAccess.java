package org.splitrack.pcomponent.internal.wasm;

import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_short;
import static java.lang.constant.ConstantDescs.CD_void;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.AccessFlag;
import java.lang.reflect.Field;
import java.util.Locale;
import java.util.Map;
import org.splitrack.pcomponent.internal.excache.AbsoluteMemory;

/**
 * A copy of {@link PageAccess}, made when the first program is compiled, whose accesses to {@link
 * AbsoluteMemory} are calls of {@code sun.misc.Unsafe} instead of accesses to a memory segment.
 *
 * <p>Both become the same machine instruction, but not in every program: the optimising compiler
 * stops inlining in a function once it has made 18,000 nodes. An access to a segment makes about
 * 700 of them before they are simplified, so that a function with 25 loads would call a method for
 * each further one; this form makes about 20. The class is generated because the build, rightly,
 * takes no warnings, and the use of that class cannot be compiled without one.
 */
final class DirectAccess {
  private static final ClassDesc TEMPLATE = describe(PageAccess.class);
  private static final ClassDesc SEGMENT_MEMORY = describe(AbsoluteMemory.class);
  private static final ClassDesc COPY = ClassDesc.of(PageAccess.class.getName() + "Direct");
  private static final ClassDesc MEMORY = ClassDesc.of(PageAccess.class.getName() + "DirectMemory");
  private static final ClassDesc UNSAFE = ClassDesc.of("sun.misc.Unsafe");
  private static final ClassDesc CD_byte = ConstantDescs.CD_byte;

  /** Name of the accessor, without {@code At}, to what is accessed. */
  private static final Map<String, ClassDesc> KINDS =
      Map.of(
          "Byte", CD_byte,
          "Short", CD_short,
          "Int", CD_int,
          "Long", CD_long,
          "Float", CD_float,
          "Double", CD_double);

  private static final ClassDesc DEFINED = define();

  private DirectAccess() {}

  /** The copy, which has the static methods of {@link PageAccess}. */
  static ClassDesc describe() {
    return DEFINED;
  }

  private static ClassDesc define() {
    ClassFile classFile = ClassFile.of();
    byte[] memory = classFile.build(MEMORY, DirectAccess::buildMemory);
    byte[] copy =
        classFile.transformClass(
            classFile.parse(template()), COPY, ClassTransform.transformingMethodBodies(calls()));
    try {
      MethodHandles.lookup().defineClass(memory);
      MethodHandles.lookup().defineClass(copy);
    } catch (IllegalAccessException impossible) {
      throw new IllegalStateException(impossible);
    }
    return COPY;
  }

  private static byte[] template() {
    String name = PageAccess.class.getSimpleName() + ".class";
    try (InputStream file = PageAccess.class.getResourceAsStream(name)) {
      if (file == null) {
        throw new IllegalStateException(name + " is not on the class path");
      }
      return file.readAllBytes();
    } catch (IOException unreadable) {
      throw new IllegalStateException(name + " cannot be read", unreadable);
    }
  }

  private static CodeTransform calls() {
    return (code, element) -> {
      if (element instanceof InvokeInstruction call && call.owner().matches(TEMPLATE)) {
        code.invokestatic(COPY, call.name().stringValue(), call.typeSymbol());
      } else if (element instanceof InvokeInstruction call
          && call.owner().matches(SEGMENT_MEMORY)) {
        code.invokestatic(MEMORY, call.name().stringValue(), call.typeSymbol());
      } else {
        code.with(element);
      }
    };
  }

  /** Static methods with the names and types of {@link AbsoluteMemory}'s. */
  private static void buildMemory(ClassBuilder type) {
    type.withFlags(AccessFlag.FINAL, AccessFlag.SYNTHETIC);
    type.withField("UNSAFE", UNSAFE, ClassFile.ACC_STATIC | ClassFile.ACC_FINAL);
    ClassDesc field = describe(Field.class);
    type.withMethodBody(
        ConstantDescs.CLASS_INIT_NAME,
        ConstantDescs.MTD_void,
        ClassFile.ACC_STATIC,
        code ->
            code.loadConstant(UNSAFE)
                .loadConstant("theUnsafe")
                .invokevirtual(
                    ConstantDescs.CD_Class,
                    "getDeclaredField",
                    MethodTypeDesc.of(field, ConstantDescs.CD_String))
                .astore(0)
                .aload(0)
                .iconst_1()
                .invokevirtual(
                    field, "setAccessible", MethodTypeDesc.of(CD_void, ConstantDescs.CD_boolean))
                .aload(0)
                .aconst_null()
                .invokevirtual(
                    field,
                    "get",
                    MethodTypeDesc.of(ConstantDescs.CD_Object, ConstantDescs.CD_Object))
                .checkcast(UNSAFE)
                .putstatic(MEMORY, "UNSAFE", UNSAFE)
                .return_());
    KINDS.forEach((name, kind) -> buildAccess(type, name, kind));
  }

  private static void buildAccess(ClassBuilder type, String name, ClassDesc kind) {
    TypeKind slot = TypeKind.from(kind);
    MethodTypeDesc get = MethodTypeDesc.of(kind, CD_long);
    type.withMethodBody(
        name.substring(0, 1).toLowerCase(Locale.ROOT) + name.substring(1) + "At",
        get,
        ClassFile.ACC_STATIC,
        code ->
            code.getstatic(MEMORY, "UNSAFE", UNSAFE)
                .lload(0)
                .invokevirtual(UNSAFE, "get" + name, get)
                .return_(slot));
    MethodTypeDesc put = MethodTypeDesc.of(CD_void, CD_long, kind);
    type.withMethodBody(
        "set" + name,
        put,
        ClassFile.ACC_STATIC,
        code ->
            code.getstatic(MEMORY, "UNSAFE", UNSAFE)
                .lload(0)
                .loadLocal(slot, 2)
                .invokevirtual(UNSAFE, "put" + name, put)
                .return_());
  }

  private static ClassDesc describe(Class<?> type) {
    return type.describeConstable().orElseThrow();
  }
}
