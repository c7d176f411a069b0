package dev.cprkit.agent.update;

import java.nio.file.Path;

/** Where the guest is after an update that did not go as planned. */
sealed interface Whereabouts {
    /** The new program took it after all, and the update goes forward. */
    record InNew() implements Whereabouts {}

    /** The old process has it, as it was. */
    record InOld() implements Whereabouts {}

    /**
     * The previous program was started again and has it, as it was.
     *
     * @param pid of that process
     */
    record InPrevious(long pid) implements Whereabouts {}

    /**
     * No process has it; its state is in a file.
     *
     * @param advice how to go on, one sentence without a full stop
     */
    record InFile(Path file, String advice) implements Whereabouts {}

    /** Somebody has to look. {@code what} is known, one sentence without a full stop. */
    record Unclear(String what) implements Whereabouts {}
}
