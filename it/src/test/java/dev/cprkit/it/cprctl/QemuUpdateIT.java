package dev.cprkit.it.cprctl;

import java.nio.file.Path;
import java.util.Optional;

/** {@code cprctl} moves the guests of a real QEMU. */
class QemuUpdateIT extends UpdateCases {
    @Override
    Optional<Path> find(Path folder) throws Exception {
        return QemuUnderTest.find();
    }

    @Override
    String reason() {
        return QemuUnderTest.reason();
    }
}
