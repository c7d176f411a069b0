package dev.cprkit.agent.check;

import dev.cprkit.agent.argv.OptionList;
import dev.cprkit.agent.argv.QemuOption;
import dev.cprkit.agent.check.Finding.Code;
import dev.cprkit.agent.check.MigrationFacts.ModeAnswer;
import dev.cprkit.agent.monitor.MemoryBackend;
import dev.cprkit.proto.qapi.MigMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Judges whether the guest's memory gets to the new process, and whether there is memory for that process itself
 * (reference/qemu-cpr.md, sections 1.6 and 4). Looks at nothing but whether files are there.
 */
final class MemoryChecks {
    private static final long MIB = 1 << 20;

    /** What a process needs that has just begun, beside what it allocates for its guest. */
    private static final long BEGINNING = 32 * MIB;

    private static final String REGION = "Memory region ";

    private MemoryChecks() {}

    static void judge(MigMode mode, CheckFacts facts, List<Finding> findings) {
        privateMemory(mode, facts, findings);
        auxiliary(mode, facts, findings);
        files(facts, findings);
        copied(facts, findings);
        hugePages(facts, findings);
        secondProcess(facts, findings);
        locked(facts, findings);
    }

    private static void privateMemory(MigMode mode, CheckFacts facts, List<Finding> findings) {
        for (MemoryBackend backend : facts.vm().machine().memory()) {
            if (!backend.share()) {
                findings.add(new Finding(
                        Code.MEMORY_NOT_SHARED,
                        backend.id().isEmpty() ? "guest memory" : "memory backend " + backend.id(),
                        "it is private to the old process" + lost(mode),
                        "restart the VM once with -object memory-backend-memfd,share=on,id=ID,size=SIZE"
                                + " -machine memory-backend=ID"));
            }
        }
    }

    private static String lost(MigMode mode) {
        return mode == MigMode.CPR_EXEC
                ? ", so the guest would find it empty, and QEMU does not say so in this mode"
                : "";
    }

    /**
     * QEMU names each block that it cannot hand over when it is asked for mode cpr-transfer. The other modes have blocks of
     * that kind just as well; cpr-exec loses them.
     */
    private static void auxiliary(MigMode mode, CheckFacts facts, List<Finding> findings) {
        ModeAnswer transfer = facts.vm().migration().modes().get(MigMode.CPR_TRANSFER);
        if (transfer == null || facts.vm().machine().auxRamShare().orElse(true)) {
            return;
        }
        List<String> regions = new ArrayList<>();
        for (String reason : transfer.blockedReasons()) {
            int end = reason.indexOf(' ', REGION.length());
            if (reason.startsWith(REGION) && end > 0) {
                String region = reason.substring(REGION.length(), end);
                if (facts.vm().machine().memory().stream()
                        .noneMatch(backend -> backend.id().equals(region))) {
                    regions.add(region);
                }
            }
        }
        if (!regions.isEmpty()) {
            findings.add(new Finding(
                    Code.AUX_RAM_NOT_SHARED,
                    "machine property aux-ram-share",
                    "it is off, so memory of devices and firmware (" + String.join(", ", regions)
                            + ") is private to the old process" + lost(mode),
                    "restart the VM once with -machine aux-ram-share=on"));
        }
    }

    /** The new process opens such a file again by its name. */
    private static void files(CheckFacts facts, List<Finding> findings) {
        for (MemoryBackend backend : facts.vm().machine().memory()) {
            String name = facts.vm().machine().files().get(backend.id());
            if (name == null || !backend.share()) {
                continue;
            }
            Path path = facts.process().directory().resolve(name);
            if (!Files.exists(path)) {
                findings.add(new Finding(
                        Code.MEMORY_FILE_GONE,
                        "memory backend " + backend.id(),
                        "its file " + path + " is not there any more, and the new process opens it by that name",
                        "restart the VM once with -object memory-backend-memfd"));
            } else if (Files.isDirectory(path)) {
                findings.add(new Finding(
                        Code.MEMORY_FILE_GONE,
                        "memory backend " + backend.id(),
                        path + " is a folder, so its file has no name, and the new process would make an empty one",
                        "restart the VM once with mem-path naming a file in it, or with -object"
                                + " memory-backend-memfd,hugetlb=on"));
            }
        }
    }

    private static void copied(CheckFacts facts, List<Finding> findings) {
        MachineFacts machine = facts.vm().machine();
        long bytes = 0;
        for (MemoryBackend backend : machine.memory()) {
            if (!backend.share() || !machine.files().containsKey(backend.id())) {
                bytes += backend.size();
            }
        }
        if (bytes > 0) {
            findings.add(new Finding(
                    Code.MEMORY_COPIED,
                    "guest memory",
                    "up to " + (bytes + MIB - 1) / MIB + " MiB of it are copied to a file while the guest stands still",
                    "restart the VM once with -object memory-backend-file,share=on in a file system in memory"));
        }
    }

    /** Beside the old process, or in its place, the new one maps the very pages that are there: it needs none of its own. */
    private static void hugePages(CheckFacts facts, List<Finding> findings) {
        for (MemoryBackend backend : facts.vm().machine().memory()) {
            if (facts.vm().machine().huge().contains(backend.id())) {
                findings.add(new Finding(
                        Code.HUGE_PAGES,
                        "memory backend " + backend.id(),
                        "its " + backend.size() / MIB
                                + " MiB in huge pages are free for everybody between the old process"
                                + " and the new one",
                        "let nobody else take huge pages meanwhile; take mode cpr-transfer, in which they stay"));
            }
        }
    }

    private static void secondProcess(CheckFacts facts, List<Finding> findings) {
        long needed = facts.process().privateBytes() + BEGINNING;
        HostFacts host = facts.host();
        if (host.availableBytes() < needed) {
            findings.add(shortOf("the host", host.availableBytes(), needed));
        }
        OptionalLong left = host.cgroupBytes();
        if (left.isPresent() && left.getAsLong() < needed) {
            findings.add(shortOf("control group " + host.cgroup(), left.getAsLong(), needed));
        }
    }

    private static Finding shortOf(String subject, long bytes, long needed) {
        return new Finding(
                Code.MEMORY_SHORT,
                subject,
                "it has " + bytes / MIB + " MiB left, and the new process needs about " + needed / MIB
                        + " MiB of its own beside the guest's while both are there",
                "free some memory, or take mode cpr-exec, which needs no second process");
    }

    private static void locked(CheckFacts facts, List<Finding> findings) {
        OptionalLong lockable = facts.host().lockableBytes();
        long guest = facts.vm().machine().memory().stream()
                .mapToLong(MemoryBackend::size)
                .sum();
        if (lockable.isEmpty() || lockable.getAsLong() >= guest) {
            return;
        }
        for (QemuOption option : facts.process().options()) {
            String value = option.value().orElse("");
            boolean locks = option.name().equals("overcommit")
                    && !OptionList.parse(value, "")
                            .get("mem-lock")
                            .orElse("off")
                            .equals("off");
            if (locks) {
                findings.add(new Finding(
                        Code.MEMORY_LOCK_LIMIT,
                        option.text(),
                        "the new process may lock " + lockable.getAsLong() / MIB + " MiB, and the guest has "
                                + guest / MIB,
                        "raise the limit on locked memory (ulimit -l, LimitMEMLOCK=) of whoever starts the update"));
            }
        }
    }
}
