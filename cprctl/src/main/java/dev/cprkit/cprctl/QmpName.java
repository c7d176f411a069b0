package dev.cprkit.cprctl;

import dev.cprkit.agent.vm.VmName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The name of a VM that has none: made from its QMP socket's path, so that its history is found again. */
final class QmpName {
    private static final int MOST = 40;
    private static final int DIGITS = 12;

    private QmpName() {}

    /** Always the same for the same path. */
    static VmName of(Path qmp) {
        StringBuilder name = new StringBuilder("qmp-");
        String file = qmp.getFileName().toString();
        for (int i = 0; i < Math.min(file.length(), MOST); i++) {
            char c = file.charAt(i);
            boolean plain =
                    c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_';
            name.append(plain ? c : '-');
        }
        String all = name.append('-').append(digest(qmp), 0, DIGITS).toString();
        return VmName.of(all).orElseThrow();
    }

    private static String digest(Path qmp) {
        try {
            byte[] bytes = qmp.toString().getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
