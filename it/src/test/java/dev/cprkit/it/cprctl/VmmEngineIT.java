package dev.cprkit.it.cprctl;

import java.nio.file.Path;
import java.util.Optional;

/** The engine moves the guests of {@code vmm}, started as its launcher does. */
class VmmEngineIT extends EngineCases {
    @Override
    Optional<Path> find(Path folder) throws Exception {
        return Optional.of(VmmUnderTest.launcher(folder));
    }

    @Override
    String reason() {
        return "";
    }

    @Override
    boolean knowsExec() {
        return true;
    }

    @Override
    boolean asksNextProgram() {
        return true;
    }

    @Override
    boolean isQuick() {
        return false;
    }
}
