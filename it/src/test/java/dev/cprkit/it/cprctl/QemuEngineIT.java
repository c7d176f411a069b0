package dev.cprkit.it.cprctl;

import java.nio.file.Path;
import java.util.Optional;

/** The engine moves the guests of a real QEMU. */
class QemuEngineIT extends EngineCases {
    @Override
    Optional<Path> find(Path folder) throws Exception {
        return QemuUnderTest.find();
    }

    @Override
    String reason() {
        return QemuUnderTest.reason();
    }

    @Override
    boolean knowsExec() {
        return false;
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
