package dev.cprkit.proto.client;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Why a QMP conversation did not give what was asked. Every message names the socket and reads as one sentence, ready
 * to be shown to a user.
 */
public abstract sealed class QmpException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Path socket;

    private QmpException(Path socket, String message) {
        super(message);
        this.socket = socket;
    }

    /** The socket the conversation was held over. */
    public Path socket() {
        return socket;
    }

    /** There is no listener to talk to: the path does not exist, nobody listens, or access is denied. */
    public static final class CannotConnect extends QmpException {
        private static final long serialVersionUID = 1L;

        CannotConnect(Path socket, String why) {
            super(socket, "cannot connect to the QMP socket " + socket + ": " + why);
        }
    }

    /** Something listens, but what it says is not QMP. */
    public static final class NotQmp extends QmpException {
        private static final long serialVersionUID = 1L;

        NotQmp(Path socket, String what) {
            super(socket, "the peer at " + socket + " does not speak QMP: " + what);
        }
    }

    /** The peer refused the command. Only this one leaves the conversation as good as it was. */
    public static final class ErrorReply extends QmpException {
        private static final long serialVersionUID = 1L;

        private final String command;
        private final String errorClass;
        private final String description;

        ErrorReply(Path socket, String command, String errorClass, String description) {
            super(socket, command + " was refused: " + description);
            this.command = command;
            this.errorClass = errorClass;
            this.description = description;
        }

        /** The command that was refused. */
        public String command() {
            return command;
        }

        /** QMP's error class: {@code GenericError}, {@code CommandNotFound}, … */
        public String errorClass() {
            return errorClass;
        }

        /** The peer's own words. */
        public String description() {
            return description;
        }

        /** Whether the peer does not know the command at all. */
        public boolean isUnknownCommand() {
            return errorClass.equals("CommandNotFound");
        }
    }

    /** The connection ended: the peer closed it or died, or this client was closed. */
    public static final class Disconnected extends QmpException {
        private static final long serialVersionUID = 1L;

        Disconnected(Path socket, String why) {
            super(socket, "the QMP connection to " + socket + " ended: " + why);
        }
    }

    /** The peer did not answer in time. A late answer is thrown away. */
    public static final class TimedOut extends QmpException {
        private static final long serialVersionUID = 1L;

        TimedOut(Path socket, String what, Duration limit) {
            super(socket, what + " from " + socket + " did not come within " + limit.toMillis() + " ms");
        }
    }

    /** The calling thread was interrupted while it waited; its interrupt flag is set again. */
    public static final class Interrupted extends QmpException {
        private static final long serialVersionUID = 1L;

        Interrupted(Path socket, String what) {
            super(socket, "interrupted while waiting for " + what + " from " + socket);
        }
    }
}
