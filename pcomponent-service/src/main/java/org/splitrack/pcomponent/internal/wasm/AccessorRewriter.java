package org.splitrack.pcomponent.internal.wasm;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.util.Set;
import run.endive.runtime.Memory;

/**
 * Changes the classes that the compiler has generated: calls of its helpers for loads, stores and
 * interruption checks become calls of {@link PageAccess}'s, in the copy of {@link DirectAccess}.
 * That takes the interface dispatch out of every access, and makes every call and backward branch a
 * poll of the thread's own memory object, which the function has at hand.
 */
final class AccessorRewriter {
  private final ClassDesc access = DirectAccess.describe();
  private static final ClassDesc MEMORY = Memory.class.describeConstable().orElseThrow();
  private static final MethodTypeDesc POLL = MethodTypeDesc.of(ConstantDescs.CD_void, MEMORY);
  private static final String HELPERS = "Shaded";

  /** Helpers whose namesakes in {@link PageAccess} take the same arguments. */
  private static final Set<String> ACCESSORS =
      Set.of(
          "memoryReadByte",
          "memoryReadShort",
          "memoryReadInt",
          "memoryReadLong",
          "memoryReadFloat",
          "memoryReadDouble",
          "memoryWriteByte",
          "memoryWriteShort",
          "memoryWriteInt",
          "memoryWriteLong",
          "memoryWriteFloat",
          "memoryWriteDouble",
          "memoryFill");

  private final ClassFile classFile =
      ClassFile.of(
          ClassFile.ClassHierarchyResolverOption.of(
              ClassHierarchyResolver.ofClassLoading(AccessorRewriter.class.getClassLoader())
                  .orElse(ClassHierarchyResolver.defaultResolver())));

  /** The class, rewritten. */
  byte[] rewrite(byte[] generated) {
    ClassTransform methods =
        (builder, element) -> {
          if (element instanceof MethodModel method && method.code().isPresent()) {
            builder.transformMethod(
                method, MethodTransform.transformingCode(new Calls(access, memorySlot(method))));
          } else {
            builder.with(element);
          }
        };
    return classFile.transformClass(classFile.parse(generated), methods);
  }

  /** The local variable that holds the function's memory, which is a parameter; −1 without. */
  private static int memorySlot(MethodModel method) {
    int slot = method.flags().has(AccessFlag.STATIC) ? 0 : 1;
    for (ClassDesc parameter : method.methodTypeSymbol().parameterList()) {
      if (parameter.equals(MEMORY)) {
        return slot;
      }
      slot += TypeKind.from(parameter).slotSize();
    }
    return -1;
  }

  private record Calls(ClassDesc access, int memorySlot) implements CodeTransform {
    @Override
    public void accept(CodeBuilder code, CodeElement element) {
      if (element instanceof InvokeInstruction call
          && call.opcode() == Opcode.INVOKESTATIC
          && call.owner().asInternalName().endsWith(HELPERS)) {
        replace(code, call);
      } else {
        code.with(element);
      }
    }

    private void replace(CodeBuilder code, InvokeInstruction call) {
      String name = call.name().stringValue();
      if (ACCESSORS.contains(name)) {
        code.invokestatic(access, name, call.typeSymbol());
      } else if (name.equals("getAddr")) {
        code.invokestatic(access, "address", call.typeSymbol());
      } else if (name.equals("checkInterruption") && memorySlot >= 0) {
        code.aload(memorySlot).invokestatic(access, "poll", POLL);
      } else {
        code.with(call);
      }
    }
  }
}
