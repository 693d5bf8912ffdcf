package org.splitrack.manager.internal.file;

import java.util.List;
import java.util.function.Function;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlReply;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.FileCalls;
import org.splitrack.fabric.control.FileCalls.AllocateExtents;
import org.splitrack.fabric.control.FileCalls.Caller;
import org.splitrack.fabric.control.FileCalls.CloseFile;
import org.splitrack.fabric.control.FileCalls.CommitWrites;
import org.splitrack.fabric.control.FileCalls.Entries;
import org.splitrack.fabric.control.FileCalls.Extents;
import org.splitrack.fabric.control.FileCalls.FileDone;
import org.splitrack.fabric.control.FileCalls.FileError;
import org.splitrack.fabric.control.FileCalls.ListDirectory;
import org.splitrack.fabric.control.FileCalls.ListExtents;
import org.splitrack.fabric.control.FileCalls.LocateStorage;
import org.splitrack.fabric.control.FileCalls.Located;
import org.splitrack.fabric.control.FileCalls.LookUp;
import org.splitrack.fabric.control.FileCalls.LookUpInode;
import org.splitrack.fabric.control.FileCalls.MakeDirectory;
import org.splitrack.fabric.control.FileCalls.Node;
import org.splitrack.fabric.control.FileCalls.NodeInfo;
import org.splitrack.fabric.control.FileCalls.NodeKind;
import org.splitrack.fabric.control.FileCalls.OpenNode;
import org.splitrack.fabric.control.FileCalls.Opened;
import org.splitrack.fabric.control.FileCalls.RemoveDirectory;
import org.splitrack.fabric.control.FileCalls.Rename;
import org.splitrack.fabric.control.FileCalls.SetSize;
import org.splitrack.fabric.control.FileCalls.SetTimes;
import org.splitrack.fabric.control.FileCalls.Unlink;
import org.splitrack.manager.internal.file.FileNames.OpenHow;

/** Answers {@link FileCalls}: checks who calls, does it, turns a refusal into a reply. */
final class FileCallHandlers {
  private final FileNames names;
  private final FileContents contents;
  private final FileHolders holders;
  private final StorageNodes nodes;
  private final ProcessGate gate;

  FileCallHandlers(
      FileNames names,
      FileContents contents,
      FileHolders holders,
      StorageNodes nodes,
      ProcessGate gate) {
    this.names = names;
    this.contents = contents;
    this.holders = holders;
    this.nodes = nodes;
    this.gate = gate;
  }

  void register(ControlServer server) {
    server.register(LookUp.class, (call, bytes, peer) -> lookUp(call));
    server.register(LookUpInode.class, (call, bytes, peer) -> lookUp(call));
    server.register(OpenNode.class, (call, bytes, peer) -> open(call));
    server.register(CloseFile.class, (call, bytes, peer) -> close(call));
    server.register(MakeDirectory.class, (call, bytes, peer) -> makeDirectory(call));
    server.register(RemoveDirectory.class, (call, bytes, peer) -> removeDirectory(call));
    server.register(Unlink.class, (call, bytes, peer) -> unlink(call));
    server.register(Rename.class, (call, bytes, peer) -> rename(call));
    server.register(ListDirectory.class, (call, bytes, peer) -> list(call));
    server.register(SetSize.class, (call, bytes, peer) -> setSize(call));
    server.register(CommitWrites.class, (call, bytes, peer) -> commitWrites(call));
    server.register(SetTimes.class, (call, bytes, peer) -> setTimes(call));
    server.register(AllocateExtents.class, (call, bytes, peer) -> allocate(call));
    server.register(ListExtents.class, (call, bytes, peer) -> extents(call));
    server.register(LocateStorage.class, (call, bytes, peer) -> locate(call));
  }

  private Node lookUp(LookUp call) {
    return node(
        call.caller(), () -> names.lookUp(path(call.caller(), call.directory(), call.names())));
  }

  private Node lookUp(LookUpInode call) {
    return node(call.caller(), () -> names.lookUp(call.caller().tenant(), call.inode()));
  }

  private Opened open(OpenNode call) {
    Caller caller = call.caller();
    return answer(
        caller,
        error -> new Opened(error, null, List.of()),
        () -> {
          NodeInfo info =
              names.open(
                  path(caller, call.directory(), call.names()),
                  new OpenHow(call.create(), call.exclusive(), call.directoryOnly(), call.write()),
                  Holder.of(caller));
          boolean empty = info.kind() == NodeKind.DIRECTORY || info.bytes() == 0;
          return new Opened(
              null,
              info,
              empty
                  ? List.of()
                  : contents.extents(caller.tenant(), info.inode(), 0, FileCalls.MAX_EXTENTS));
        });
  }

  /** Also for an expelled incarnation: giving back is never an effect that must be kept out. */
  private ControlReply.Done close(CloseFile call) {
    holders.close(call.inode(), Holder.of(call.caller()), Math.max(1, call.count()));
    return new ControlReply.Done();
  }

  private Node makeDirectory(MakeDirectory call) {
    return node(
        call.caller(),
        () -> names.makeDirectory(path(call.caller(), call.directory(), call.names())));
  }

  private FileDone removeDirectory(RemoveDirectory call) {
    return done(
        call.caller(),
        () -> names.removeDirectory(path(call.caller(), call.directory(), call.names())));
  }

  private FileDone unlink(Unlink call) {
    return done(
        call.caller(), () -> names.unlink(path(call.caller(), call.directory(), call.names())));
  }

  private FileDone rename(Rename call) {
    return done(
        call.caller(),
        () ->
            names.rename(
                path(call.caller(), call.fromDirectory(), call.from()),
                path(call.caller(), call.toDirectory(), call.to())));
  }

  private Entries list(ListDirectory call) {
    return answer(
        call.caller(),
        error -> new Entries(error, List.of()),
        () ->
            new Entries(
                null,
                names.list(
                    call.caller().tenant(), call.directory(), call.afterInode(), call.max())));
  }

  private Node setSize(SetSize call) {
    return node(
        call.caller(), () -> contents.setSize(call.caller().tenant(), call.inode(), call.bytes()));
  }

  private Node commitWrites(CommitWrites call) {
    return node(
        call.caller(),
        () ->
            contents.commitWrites(
                call.caller().tenant(), call.inode(), call.atLeastBytes(), call.modifiedNs()));
  }

  private Node setTimes(SetTimes call) {
    return node(
        call.caller(),
        () ->
            contents.setTimes(
                call.caller().tenant(), call.inode(), call.accessedNs(), call.modifiedNs()));
  }

  private Extents allocate(AllocateExtents call) {
    return answer(
        call.caller(),
        error -> new Extents(error, List.of()),
        () ->
            new Extents(
                null,
                contents.allocate(
                    call.caller().tenant(), call.inode(), call.fromIndex(), call.count())));
  }

  private Extents extents(ListExtents call) {
    return answer(
        call.caller(),
        error -> new Extents(error, List.of()),
        () ->
            new Extents(
                null,
                contents.extents(
                    call.caller().tenant(), call.inode(), call.fromIndex(), call.count())));
  }

  private Located locate(LocateStorage call) {
    Endpoint endpoint =
        nodes
            .endpoint(call.component())
            .orElseThrow(
                () ->
                    new ControlFault(
                        ControlFault.Code.NOT_FOUND,
                        call.component() + " is not up at the moment"));
    return new Located(endpoint);
  }

  private static FilePath path(Caller caller, long directory, List<String> names) {
    return new FilePath(caller.tenant(), directory, names);
  }

  private Node node(Caller caller, Operation<NodeInfo> operation) {
    return answer(
        caller, error -> new Node(error, null), () -> new Node(null, operation.perform()));
  }

  private FileDone done(Caller caller, Runnable operation) {
    return answer(
        caller,
        FileDone::new,
        () -> {
          operation.run();
          return new FileDone(null);
        });
  }

  private <R> R answer(Caller caller, Function<FileError, R> refused, Operation<R> operation) {
    if (!gate.admits(caller.process(), caller.incarnation())) {
      return refused.apply(FileError.EXPELLED);
    }
    try {
      return operation.perform();
    } catch (FileRefusal e) {
      return refused.apply(e.error());
    }
  }

  /** What a call does. */
  private interface Operation<R> {
    R perform();
  }
}
