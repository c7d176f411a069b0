package dev.cprkit.it.cprctl;

import java.nio.file.Path;
import java.util.Optional;

/** {@code cprctl} moves the guests of the newest QEMU too. */
class NewestQemuUpdateIT extends UpdateCases {
    @Override
    Optional<Path> find(Path folder) {
        return QemuUnderTest.newest();
    }

    @Override
    String reason() {
        return QemuUnderTest.newestReason();
    }
}
