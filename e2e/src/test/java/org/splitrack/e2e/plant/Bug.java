package org.splitrack.e2e.plant;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Opcode;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.List;
import java.util.function.Consumer;

/** A rule that is taken out of the classes of a component. Runs within that component. */
public enum Bug {
  /** The home of a region acknowledges a write before its second copy has it. */
  ACK_BEFORE_SECONDARY {
    @Override
    List<Change> changes() {
      return List.of(answers("org.splitrack.fabric.region.RegionCopy", "awaitedMask", 0));
    }
  },

  /** The source of a move goes on serving after its hand-off. */
  RESUME_AFTER_HAND_OFF {
    @Override
    List<Change> changes() {
      return List.of(becomes("org.splitrack.fabric.region.RegionCopy", "judge", Bug::admit));
    }
  },

  /**
   * A copy takes pages from whoever was home once: what it was told of later epochs fences none.
   */
  NO_EPOCH_FENCE {
    @Override
    List<Change> changes() {
      return List.of(
          becomes("org.splitrack.fabric.region.RegionCopy", "onReplicate", Bug::storeIfNewer));
    }
  },

  /** A manager takes it for proof that copies are gone when a component does not answer. */
  SILENCE_TAKEN_FOR_LOSS {
    @Override
    List<Change> changes() {
      return List.of(
          becomes("org.splitrack.fabric.region.Hosts", "isProvenGone", Bug::isGoneUnlessUsable));
    }
  },

  /** Nobody refuses the effects of processes that the rack has given up. */
  EXPELLED_NOT_FENCED {
    @Override
    List<Change> changes() {
      return List.of(
          answers("org.splitrack.pcomponent.internal.program.ManagerEffectGate", "isOpen", 1),
          becomes(
              "org.splitrack.scomponent.internal.lane.StorageLane",
              "requireNotFenced",
              CodeBuilder::return_),
          becomes(
              "org.splitrack.manager.internal.file.FileCallHandlers",
              "answer",
              Bug::performUnasked));
    }
  };

  abstract List<Change> changes();

  private static Change answers(String className, String method, int constant) {
    return becomes(className, method, code -> code.loadConstant(constant).ireturn());
  }

  private static Change becomes(String className, String method, Consumer<CodeBuilder> code) {
    return new Change(className, method, code);
  }

  private static void admit(CodeBuilder code) {
    ClassDesc verdict = ClassDesc.of("org.splitrack.fabric.region.Verdict");
    code.getstatic(verdict, "DONE", verdict).areturn();
  }

  /** Of {@code onReplicate(long sender, long epoch, int page, long version)}. */
  private static void storeIfNewer(CodeBuilder code) {
    ClassDesc copy = ClassDesc.of("org.splitrack.fabric.region.RegionCopy");
    ClassDesc versions = ClassDesc.of("org.splitrack.fabric.region.PageVersions");
    ClassDesc effects = ClassDesc.of("org.splitrack.fabric.region.CopyEffects");
    int page = 5;
    int version = 6;
    code.lload(version)
        .aload(0)
        .getfield(copy, "versions", versions)
        .iload(page)
        .invokeinterface(
            versions, "version", MethodTypeDesc.of(ConstantDescs.CD_long, ConstantDescs.CD_int))
        .lcmp()
        .ifThen(
            Opcode.IFGT,
            newer ->
                newer
                    .aload(0)
                    .getfield(copy, "effects", effects)
                    .aload(0)
                    .iload(page)
                    .lload(version)
                    .invokeinterface(
                        effects,
                        "store",
                        MethodTypeDesc.of(
                            ConstantDescs.CD_void,
                            copy,
                            ConstantDescs.CD_int,
                            ConstantDescs.CD_long)));
    admit(code);
  }

  private static void isGoneUnlessUsable(CodeBuilder code) {
    code.aload(0)
        .aload(1)
        .invokevirtual(
            ClassDesc.of("org.splitrack.fabric.region.Hosts"),
            "isUsable",
            MethodTypeDesc.of(
                ConstantDescs.CD_boolean, ClassDesc.of("org.splitrack.fabric.region.CopyPlace")))
        .iconst_1()
        .ixor()
        .ireturn();
  }

  private static void performUnasked(CodeBuilder code) {
    code.aload(3)
        .invokeinterface(
            ClassDesc.of("org.splitrack.manager.internal.file.FileCallHandlers$Operation"),
            "perform",
            MethodTypeDesc.of(ConstantDescs.CD_Object))
        .areturn();
  }

  /**
   * What becomes of a method.
   *
   * @param code instead of the method's own
   */
  record Change(String className, String method, Consumer<CodeBuilder> code) {}
}
