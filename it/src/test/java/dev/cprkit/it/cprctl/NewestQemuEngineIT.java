package dev.cprkit.it.cprctl;

import java.nio.file.Path;
import java.util.Optional;

/** The engine moves the guests of the newest QEMU too. */
class NewestQemuEngineIT extends EngineCases {
    @Override
    Optional<Path> find(Path folder) {
        return QemuUnderTest.newest();
    }

    @Override
    String reason() {
        return QemuUnderTest.newestReason();
    }

    @Override
    boolean knowsExec() {
        return true;
    }

    @Override
    boolean asksNextProgram() {
        return false;
    }

    @Override
    boolean isQuick() {
        return true;
    }
}
