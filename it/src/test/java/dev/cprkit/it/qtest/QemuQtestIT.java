package dev.cprkit.it.qtest;

import dev.cprkit.it.cprctl.QemuUnderTest;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The same in QEMU, whose accelerator for it is a module. */
class QemuQtestIT extends QtestCases {
    @Override
    Optional<List<String>> program() throws Exception {
        Optional<Path> qemu = QemuUnderTest.newest();
        if (qemu.isEmpty()) {
            return Optional.empty();
        }
        Path libraries = qemu.orElseThrow().toAbsolutePath().resolveSibling("usr/lib");
        if (Files.isDirectory(libraries)) {
            try (DirectoryStream<Path> folders = Files.newDirectoryStream(libraries, "*-linux-gnu*")) {
                for (Path folder : folders) {
                    if (Files.exists(folder.resolve("qemu/accel-qtest.so"))) {
                        return Optional.of(List.of(
                                "/usr/bin/env",
                                "QEMU_MODULE_DIR=" + folder.resolve("qemu"),
                                qemu.get().toString()));
                    }
                }
            }
        }
        return Optional.empty();
    }

    @Override
    String reason() {
        return QemuUnderTest.newestReason() + ", with its accel-qtest.so";
    }
}
