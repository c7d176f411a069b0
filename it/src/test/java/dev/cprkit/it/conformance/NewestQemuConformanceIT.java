package dev.cprkit.it.conformance;

import dev.cprkit.it.cprctl.QemuUnderTest;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The cases on QEMU 11.1. */
class NewestQemuConformanceIT extends ConformanceSuite {
    @Override
    Optional<Subject> find() throws Exception {
        Optional<Path> found = QemuUnderTest.newest();
        return found.isPresent() && QemuUnderTest.major(found.orElseThrow()) >= 11
                ? Optional.of(new Subject(
                        Subject.Kind.QEMU_11, List.of(found.orElseThrow().toString())))
                : Optional.empty();
    }

    @Override
    String reason() {
        return QemuUnderTest.newestReason();
    }
}
