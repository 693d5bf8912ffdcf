-- Files: names, sizes and extent maps. Authority: the global manager changes them in transactions;
-- the bytes themselves are on the sComponents.

CREATE SCHEMA IF NOT EXISTS os_fs;
COMMENT ON SCHEMA os_fs IS 'Files: names, sizes, extent maps. Written by the global manager only.';

CREATE SEQUENCE os_fs.inode_id;
COMMENT ON SEQUENCE os_fs.inode_id IS 'Numbers of files and directories; never used again.';
CREATE SEQUENCE os_fs.extent_id;
COMMENT ON SEQUENCE os_fs.extent_id IS 'Numbers of extents, over all sComponents; never used again.';

CREATE TABLE os_fs.inode (
  inode       bigint      PRIMARY KEY,
  tenant      text        NOT NULL CHECK (tenant <> ''),
  kind        text        NOT NULL CHECK (kind IN ('file', 'dir')),
  bytes       bigint      NOT NULL DEFAULT 0 CHECK (bytes >= 0),
  mode        integer     NOT NULL,
  version     bigint      NOT NULL DEFAULT 1,
  links       integer     NOT NULL DEFAULT 1 CHECK (links IN (0, 1)),
  created_at  timestamptz NOT NULL DEFAULT now(),
  accessed_at timestamptz NOT NULL DEFAULT now(),
  modified_at timestamptz NOT NULL DEFAULT now(),
  changed_at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE  os_fs.inode             IS 'One row per file or directory.';
COMMENT ON COLUMN os_fs.inode.inode       IS 'Its number, never used again.';
COMMENT ON COLUMN os_fs.inode.tenant      IS 'Whose it is; tenants see nothing of each other.';
COMMENT ON COLUMN os_fs.inode.kind        IS 'file or dir.';
COMMENT ON COLUMN os_fs.inode.bytes       IS 'Size; bytes that no extent holds read as zeros.';
COMMENT ON COLUMN os_fs.inode.mode        IS 'Permission bits as a number: 420 is 0644.';
COMMENT ON COLUMN os_fs.inode.version     IS 'Grows with each change of content or size.';
COMMENT ON COLUMN os_fs.inode.links       IS '1 while it has a name; 0 when the name was removed while it was open, or while it is being put.';
COMMENT ON COLUMN os_fs.inode.created_at  IS 'When it was made.';
COMMENT ON COLUMN os_fs.inode.accessed_at IS 'Access time as programs set it; reading does not change it.';
COMMENT ON COLUMN os_fs.inode.modified_at IS 'When its content last changed, or as a program set it.';
COMMENT ON COLUMN os_fs.inode.changed_at  IS 'When this row last changed.';
CREATE INDEX inode_without_name ON os_fs.inode (inode) WHERE links = 0;
COMMENT ON INDEX os_fs.inode_without_name IS 'Files that go at their last close.';

CREATE TABLE os_fs.dirent (
  tenant text   NOT NULL,
  parent bigint NOT NULL,
  name   text   COLLATE "C" NOT NULL CHECK (octet_length(name) <= 255 AND position('/' in name) = 0),
  inode  bigint NOT NULL REFERENCES os_fs.inode,
  PRIMARY KEY (tenant, parent, name)
);
COMMENT ON TABLE  os_fs.dirent        IS 'One row per name in a directory. There are no hard links.';
COMMENT ON COLUMN os_fs.dirent.tenant IS 'Whose it is.';
COMMENT ON COLUMN os_fs.dirent.parent IS 'Inode of the directory; 0 for the tenant''s root itself.';
COMMENT ON COLUMN os_fs.dirent.name   IS 'Name, at most 255 bytes; empty for the root.';
COMMENT ON COLUMN os_fs.dirent.inode  IS 'What the name stands for.';
CREATE UNIQUE INDEX dirent_inode ON os_fs.dirent (inode);
COMMENT ON INDEX os_fs.dirent_inode IS 'One name a node; finds a node''s path upwards.';
CREATE INDEX dirent_order ON os_fs.dirent (tenant, parent, inode);
COMMENT ON INDEX os_fs.dirent_order IS 'Listing in pages, in an order that renames do not change.';

CREATE TABLE os_fs.extent (
  inode      bigint  NOT NULL REFERENCES os_fs.inode,
  index      bigint  NOT NULL CHECK (index >= 0),
  extent     bigint  NOT NULL,
  scomponent text    NOT NULL,
  bytes      bigint  NOT NULL DEFAULT 4194304,
  healthy    boolean NOT NULL DEFAULT true,
  PRIMARY KEY (inode, index, scomponent)
);
COMMENT ON TABLE  os_fs.extent            IS 'Which sComponent holds which part of a file; one row per copy.';
COMMENT ON COLUMN os_fs.extent.inode      IS 'The file.';
COMMENT ON COLUMN os_fs.extent.index      IS 'Which part: bytes from index times 4 MiB on.';
COMMENT ON COLUMN os_fs.extent.extent     IS 'Number of the extent on its sComponent.';
COMMENT ON COLUMN os_fs.extent.scomponent IS 'Component that holds this copy.';
COMMENT ON COLUMN os_fs.extent.bytes      IS 'Bytes of the file that it can hold.';
COMMENT ON COLUMN os_fs.extent.healthy    IS 'False when this copy is known to be unreadable.';

CREATE TABLE os_fs.holder (
  inode       bigint  NOT NULL REFERENCES os_fs.inode,
  process     bigint  NOT NULL,
  incarnation integer NOT NULL,
  opens       integer NOT NULL CHECK (opens > 0),
  PRIMARY KEY (inode, process, incarnation)
);
COMMENT ON TABLE  os_fs.holder             IS 'Who has a file open: its data stays that long, also without a name.';
COMMENT ON COLUMN os_fs.holder.inode       IS 'The file.';
COMMENT ON COLUMN os_fs.holder.process     IS 'The process; 0 for the manager''s own uploads and downloads.';
COMMENT ON COLUMN os_fs.holder.incarnation IS 'Its incarnation; 0 for the manager.';
COMMENT ON COLUMN os_fs.holder.opens       IS 'How often it has it open.';
CREATE INDEX holder_process ON os_fs.holder (process);
COMMENT ON INDEX os_fs.holder_process IS 'All that an ended process leaves open.';

CREATE TABLE os_fs.dead_extent (
  extent     bigint      PRIMARY KEY,
  scomponent text        NOT NULL,
  since      timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE  os_fs.dead_extent            IS 'Extents that no file has any more and that their sComponent still has to delete.';
COMMENT ON COLUMN os_fs.dead_extent.extent     IS 'Number of the extent.';
COMMENT ON COLUMN os_fs.dead_extent.scomponent IS 'Component that holds it.';
COMMENT ON COLUMN os_fs.dead_extent.since      IS 'When its file or its part of a file went.';

CREATE VIEW os_fs.path AS
  WITH RECURSIVE walk(tenant, inode, path) AS (
    SELECT d.tenant, d.inode, ''::text COLLATE "C"
      FROM os_fs.dirent d
     WHERE d.parent = 0
    UNION ALL
    SELECT d.tenant, d.inode, w.path || '/' || d.name
      FROM walk w
      JOIN os_fs.dirent d ON d.tenant = w.tenant AND d.parent = w.inode
  )
  SELECT tenant, CASE WHEN path = '' THEN '/' ELSE path END AS path, inode FROM walk;
COMMENT ON VIEW   os_fs.path        IS 'Every file and directory with its path from its tenant''s root.';
COMMENT ON COLUMN os_fs.path.tenant IS 'Whose it is.';
COMMENT ON COLUMN os_fs.path.path   IS 'Path, beginning with a slash; the root is a slash alone.';
COMMENT ON COLUMN os_fs.path.inode  IS 'Its inode.';

GRANT USAGE ON SCHEMA os_fs TO rack_manager;
GRANT SELECT, INSERT, UPDATE, DELETE
  ON os_fs.inode, os_fs.dirent, os_fs.extent, os_fs.holder, os_fs.dead_extent TO rack_manager;
GRANT SELECT ON os_fs.path TO rack_manager;
GRANT USAGE ON SEQUENCE os_fs.inode_id, os_fs.extent_id TO rack_manager;
