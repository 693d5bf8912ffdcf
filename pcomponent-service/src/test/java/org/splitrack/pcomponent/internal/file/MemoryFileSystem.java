package org.splitrack.pcomponent.internal.file;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Files in the heap, for tests: the same promises as the rack's, without a rack. */
public final class MemoryFileSystem implements FileSystem {
  private static final int CHUNK_BYTES = 4096;

  private final AtomicLong inodes = new AtomicLong();
  private final List<Preopened> preopened = new ArrayList<>();
  private final Tree root = new Tree();
  private final AtomicLong syncs = new AtomicLong();

  /** One directory as {@code /}. */
  public MemoryFileSystem() {
    preopened.add(new Preopened("/", root.open(), false));
  }

  /** The same files once more under another name, for reading only. */
  public MemoryFileSystem withReadOnly(String path) {
    preopened.add(new Preopened(path, root.open(), true));
    return this;
  }

  /** Puts a file into the root. */
  public void put(String name, byte[] content) {
    Leaf leaf = new Leaf();
    leaf.bytes = content.clone();
    root.entries.put(name, leaf);
  }

  /** A file's content by names from the root on; null where there is none. */
  public byte @Nullable [] get(String... names) {
    @Nullable Node node = root.find(new RelativePath(List.of(names), false));
    return node instanceof Leaf leaf ? leaf.bytes.clone() : null;
  }

  /** How often something was synced. */
  public long syncs() {
    return syncs.get();
  }

  @Override
  public List<Preopened> preopened() {
    return preopened;
  }

  @Override
  public void close() {}

  private abstract sealed class Node {
    final long inode = inodes.incrementAndGet();
    long accessedNs;
    long modifiedNs;

    abstract OpenNode open();

    FileStat stat(FileType type, long sizeBytes) {
      return new FileStat(1, inode, type, 1, sizeBytes, accessedNs, modifiedNs, modifiedNs);
    }

    abstract FileStat stat();

    void setTimes(long newAccessedNs, long newModifiedNs) {
      accessedNs = newAccessedNs < 0 ? accessedNs : newAccessedNs;
      modifiedNs = newModifiedNs < 0 ? modifiedNs : newModifiedNs;
    }
  }

  private final class Leaf extends Node {
    byte[] bytes = new byte[0];

    void countSync() {
      syncs.incrementAndGet();
    }

    @Override
    OpenNode open() {
      return new OpenLeaf(this);
    }

    @Override
    FileStat stat() {
      return stat(FileType.REGULAR_FILE, bytes.length);
    }
  }

  private final class Tree extends Node {
    final Map<String, Node> entries = new TreeMap<>();

    @Override
    OpenTree open() {
      return new OpenTree(this);
    }

    @Override
    FileStat stat() {
      return stat(FileType.DIRECTORY, 0);
    }

    Leaf newLeaf() {
      return new Leaf();
    }

    Tree newTree() {
      return new Tree();
    }

    @Nullable Node find(RelativePath path) {
      Node node = this;
      for (String name : path.names()) {
        if (!(node instanceof Tree tree)) {
          throw new FileFault(Errno.NOTDIR);
        }
        Node next = tree.entries.get(name);
        if (next == null) {
          return null;
        }
        node = next;
      }
      if (path.mustBeDirectory() && !(node instanceof Tree)) {
        throw new FileFault(Errno.NOTDIR);
      }
      return node;
    }

    Node require(RelativePath path) {
      Node node = find(path);
      if (node == null) {
        throw new FileFault(Errno.NOENT);
      }
      return node;
    }

    Tree parent(RelativePath path) {
      if (path.names().isEmpty()) {
        throw new FileFault(Errno.BUSY);
      }
      List<String> names = path.names();
      return (Tree) require(new RelativePath(names.subList(0, names.size() - 1), true));
    }
  }

  private record OpenLeaf(Leaf leaf) implements OpenFile {
    @Override
    public FileStat stat() {
      return leaf.stat();
    }

    @Override
    public void setTimes(long accessedNs, long modifiedNs) {
      leaf.setTimes(accessedNs, modifiedNs);
    }

    @Override
    public void close() {}

    @Override
    public long read(long offset, GuestBytes into) {
      long bytes = Math.clamp(leaf.bytes.length - offset, 0, into.length());
      for (long done = 0; done < bytes; done += CHUNK_BYTES) {
        int now = (int) Math.min(CHUNK_BYTES, bytes - done);
        into.put(done, ByteBuffer.wrap(leaf.bytes, (int) (offset + done), now));
      }
      return bytes;
    }

    @Override
    public long write(long offset, GuestBytes from) {
      long end = offset + from.length();
      if (end > leaf.bytes.length) {
        truncate(end);
      }
      from.get(0, ByteBuffer.wrap(leaf.bytes, (int) offset, (int) from.length()));
      return from.length();
    }

    @Override
    public Appended append(GuestBytes from) {
      long offset = leaf.bytes.length;
      return new Appended(offset, write(offset, from));
    }

    @Override
    public void truncate(long size) {
      if (size > 1 << 24) {
        throw new FileFault(Errno.FBIG);
      }
      leaf.bytes = Arrays.copyOf(leaf.bytes, (int) size);
    }

    @Override
    public void allocate(long offset, long length) {
      truncate(Math.max(leaf.bytes.length, offset + length));
    }

    @Override
    public void sync() {
      leaf.countSync();
    }

    @Override
    public void syncData() {
      leaf.countSync();
    }
  }

  private record OpenTree(Tree tree) implements OpenDirectory {
    @Override
    public FileStat stat() {
      return tree.stat();
    }

    @Override
    public void setTimes(long accessedNs, long modifiedNs) {
      tree.setTimes(accessedNs, modifiedNs);
    }

    @Override
    public void close() {}

    @Override
    public OpenNode open(RelativePath path, OpenOptions options) {
      Node node = tree.find(path);
      if (node == null) {
        if (!options.create()) {
          throw new FileFault(Errno.NOENT);
        }
        node = tree.newLeaf();
        tree.parent(path).entries.put(path.names().getLast(), node);
      } else if (options.create() && options.exclusive()) {
        throw new FileFault(Errno.EXIST);
      }
      switch (node) {
        case Leaf leaf -> {
          if (options.directory()) {
            throw new FileFault(Errno.NOTDIR);
          }
          if (options.truncate()) {
            leaf.bytes = new byte[0];
          }
        }
        case Tree _ -> {
          if (options.write() || options.truncate() || options.create()) {
            throw new FileFault(Errno.ISDIR);
          }
        }
      }
      return node.open();
    }

    @Override
    public FileStat stat(RelativePath path) {
      return tree.require(path).stat();
    }

    @Override
    public void setTimes(RelativePath path, long accessedNs, long modifiedNs) {
      tree.require(path).setTimes(accessedNs, modifiedNs);
    }

    @Override
    public void makeDirectory(RelativePath path) {
      if (tree.find(new RelativePath(path.names(), false)) != null) {
        throw new FileFault(Errno.EXIST);
      }
      tree.parent(path).entries.put(path.names().getLast(), tree.newTree());
    }

    @Override
    public void removeDirectory(RelativePath path) {
      if (!(tree.require(path) instanceof Tree removed)) {
        throw new FileFault(Errno.NOTDIR);
      }
      if (!removed.entries.isEmpty()) {
        throw new FileFault(Errno.NOTEMPTY);
      }
      tree.parent(path).entries.remove(path.names().getLast());
    }

    @Override
    public void unlink(RelativePath path) {
      if (tree.require(path) instanceof Tree) {
        throw new FileFault(Errno.ISDIR);
      }
      tree.parent(path).entries.remove(path.names().getLast());
    }

    @Override
    public void rename(RelativePath from, OpenDirectory toDirectory, RelativePath to) {
      Node moved = tree.require(from);
      Tree target = ((OpenTree) toDirectory).tree();
      Node replaced = target.find(to);
      if (replaced instanceof Tree replacedTree) {
        if (!(moved instanceof Tree)) {
          throw new FileFault(Errno.ISDIR);
        }
        if (!replacedTree.entries.isEmpty()) {
          throw new FileFault(Errno.NOTEMPTY);
        }
      }
      target.parent(to).entries.put(to.names().getLast(), moved);
      tree.parent(from).entries.remove(from.names().getLast());
    }

    @Override
    public void list(long cookie, EntryListener listener) {
      long next = 0;
      for (Map.Entry<String, Node> entry : tree.entries.entrySet()) {
        next++;
        FileStat stat = entry.getValue().stat();
        if (next > cookie && !listener.entry(next, stat.inode(), stat.type(), entry.getKey())) {
          return;
        }
      }
    }
  }
}
