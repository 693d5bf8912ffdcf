-- Programs that the rack was given: a manager that starts elsewhere finds them here.

CREATE TABLE os_sched.program (
  digest   text        PRIMARY KEY,
  module   bytea       NOT NULL,
  given_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- WebAssembly packs badly, and the bytes are read whole.
ALTER TABLE os_sched.program ALTER COLUMN module SET STORAGE EXTERNAL;
COMMENT ON TABLE os_sched.program IS 'Modules that were run; beyond a limit of bytes the earliest go.';
COMMENT ON COLUMN os_sched.program.digest   IS 'SHA-256 of the module, in hex.';
COMMENT ON COLUMN os_sched.program.module   IS 'WebAssembly.';
COMMENT ON COLUMN os_sched.program.given_at IS 'When the rack was last given it.';

GRANT SELECT, INSERT, UPDATE, DELETE ON os_sched.program TO rack_manager;
