package dev.cprkit.it.cprctl;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** {@code cprctl} moves the guests of the newest QEMU too, the one that CPRKIT_QEMU_SID names. */
class NewestQemuUpdateIT extends UpdateCases {
    private static final String VARIABLE = "CPRKIT_QEMU_SID";

    @Override
    Optional<Path> find(Path folder) {
        return Optional.ofNullable(System.getenv(VARIABLE)).map(Path::of).filter(Files::isExecutable);
    }

    @Override
    String reason() {
        return "needs the path of a newer qemu-system-riscv64 in " + VARIABLE + "; .ci/run fetches one";
    }

    @Override
    String pauseSource() {
        return "events";
    }
}
