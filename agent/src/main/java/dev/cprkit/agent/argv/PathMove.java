package dev.cprkit.agent.argv;

/**
 * A path that the old process owns and the new process needs one of its own for.
 *
 * @param label what it is for: a chardev's id, {@code qmp}, {@code serial}, {@code pidfile}, …
 * @param kind what stands at that path
 * @param from as on the old command line
 * @param to as on the new command line
 * @param base the path that clients know, which points to the newest after the update
 */
public record PathMove(String label, Kind kind, String from, String to, String base) {
    /** What stands at a path. */
    public enum Kind {
        SOCKET,
        /** Has a name that is in no file system. */
        ABSTRACT_SOCKET,
        PIDFILE
    }
}
