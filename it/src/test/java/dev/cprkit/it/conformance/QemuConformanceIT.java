package dev.cprkit.it.conformance;

import dev.cprkit.it.cprctl.QemuUnderTest;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The cases on QEMU 10.0. */
class QemuConformanceIT extends ConformanceSuite {
    @Override
    Optional<Subject> find() throws Exception {
        Optional<Path> found = QemuUnderTest.find();
        return found.isPresent() && QemuUnderTest.major(found.orElseThrow()) == 10
                ? Optional.of(new Subject(
                        Subject.Kind.QEMU_10, List.of(found.orElseThrow().toString())))
                : Optional.empty();
    }

    @Override
    String reason() {
        return QemuUnderTest.reason();
    }
}
