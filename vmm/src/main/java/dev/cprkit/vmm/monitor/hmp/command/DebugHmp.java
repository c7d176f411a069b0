package dev.cprkit.vmm.monitor.hmp.command;

import dev.cprkit.vmm.monitor.GuestInspection;
import dev.cprkit.vmm.monitor.hmp.HmpArguments;
import dev.cprkit.vmm.monitor.hmp.HmpCommand;
import dev.cprkit.vmm.monitor.hmp.HmpError;
import dev.cprkit.vmm.monitor.hmp.HmpOutput;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * What QEMU offers those who debug it or the guest, as far as it means something here: logs, traces, profiles and the
 * translator's settings. What it does not do here says so; what it would do by default is accepted.
 */
public final class DebugHmp {
    private static final String TABLE =
            "Type               Object  Call site  Wait Time (s)         Count  Average (us)\n";
    private static final String RULE =
            "-------------------------------------------------------------------------------\n";

    private final GuestInspection guest;

    private DebugHmp(GuestInspection guest) {
        this.guest = guest;
    }

    /** Adds the commands. */
    public static void register(HmpRegistry registry, GuestInspection guest) {
        DebugHmp commands = new DebugHmp(guest);
        registry.add(
                HmpCommand.of("dumpdtb", "filename:F", "filename", "save the device tree to a file", commands::tree));
        registry.add(HmpCommand.of(
                "gdbserver", "device:s?", "[device]", "start a gdb server, or stop it with 'none'", DebugHmp::gdb));
        registry.add(HmpCommand.of("log", "items:s", "item1[,...]", "choose what is logged", DebugHmp::log));
        registry.add(HmpCommand.of("logfile", "filename:F", "filename", "choose where logs go", (out, a) -> {}));
        registry.add(HmpCommand.of(
                "one-insn-per-tb",
                "option:s?",
                "[on|off]",
                "translate one instruction at a time",
                DebugHmp::oneInstruction));
        registry.add(HmpCommand.of(
                "sync-profile", "op:s?", "[on|off|reset]", "profile how locks are waited for", DebugHmp::profile));
        registry.add(HmpCommand.of(
                "trace-event",
                "name:s,option:b,vcpu:i?",
                "name on|off [vcpu]",
                "switch a trace event on or off",
                (out, a) -> out.println("unknown event \"" + a.string("name") + "\"")));
        registry.add(HmpCommand.of(
                "calc_dirty_rate",
                "dirty_ring:-r,dirty_bitmap:-b,second:l,sample_pages_per_GB:l?",
                "[-r] [-b] second [sample_pages_per_GB]",
                "measure how fast the guest writes its memory",
                DebugHmp::dirtyRate));
        registry.add(HmpCommand.of(
                "dump-guest-memory",
                "paging:-p,detach:-d,windmp:-w,zlib:-z,lzo:-l,snappy:-s,raw:-R,filename:F,begin:l?,length:l?",
                "[-p] [-d] [-z|-l|-s|-w] [-R] filename [begin length]",
                "dump the guest's memory to a file",
                (out, a) -> {
                    throw new HmpError("dumps of the guest are not supported; use pmemsave");
                }));
        registry.add(HmpCommand.of("i", "fmt:/,addr:i,index:i.", "/fmt addr", "read an I/O port", DebugHmp::readPort));
        registry.add(HmpCommand.of("o", "fmt:/,addr:i,val:i", "/fmt addr value", "write an I/O port", (out, a) -> {}));
        registry.add(HmpCommand.of("clear", "", "", "clear the screen", (out, a) -> out.print("\033[H\033[2J\033[3J")));
        infos(registry, commands);
    }

    private static void infos(HmpRegistry registry, DebugHmp commands) {
        registry.addInfo(HmpCommand.of("accel", "", "", "show what the accelerator does", commands::accelerator));
        registry.addInfo(HmpCommand.of("jit", "", "", "show what the translator does", commands::accelerator));
        registry.addInfo(HmpCommand.of(
                "accelerators",
                "",
                "",
                "show the accelerators, the one in use in brackets",
                (out, a) -> out.println("[tcg]")));
        registry.addInfo(HmpCommand.of("dirty_rate", "", "", "show how fast the guest writes its memory", (out, a) -> {
            out.println("Status: unstarted");
            out.println("Start Time: 0 (ms)");
            out.println("Sample Pages: 0 (per GB)");
            out.println("Period: 0 (sec)");
            out.println("Mode: page-sampling");
            out.println("Dirty rate: (not ready)");
        }));
        registry.addInfo(HmpCommand.of(
                "stats",
                "target:s,names:s?,provider:s?",
                "target [names] [provider]",
                "show statistics of the machine (vm) or its vCPUs (vcpu)",
                DebugHmp::statistics));
        registry.addInfo(HmpCommand.of(
                "sync-profile",
                "mean:-m,no_coalesce:-n,max:i?",
                "[-m] [-n] [max]",
                "show how locks were waited for",
                (out, a) -> out.print(TABLE + RULE + RULE)));
        registry.addInfo(HmpCommand.of(
                "trace-events", "name:s?,vcpu:i?", "[name] [vcpu]", "show the trace events", (out, a) -> {}));
    }

    private void tree(HmpOutput out, HmpArguments arguments) throws HmpError {
        String file = arguments.string("filename");
        try {
            Files.write(Path.of(file), guest.deviceTree());
        } catch (IOException | InvalidPathException e) {
            throw new HmpError("Error saving FDT to file " + file + ": " + reason(e));
        }
        out.println("DTB dumped to '" + file + "'");
    }

    private static String reason(Exception e) {
        return switch (e) {
            case java.nio.file.NoSuchFileException missing -> "No such file or directory";
            case java.nio.file.AccessDeniedException denied -> "Permission denied";
            default -> String.valueOf(e.getMessage());
        };
    }

    private static void gdb(HmpOutput out, HmpArguments arguments) throws HmpError {
        if (!arguments.optionalString("device").orElse("").equals("none")) {
            throw new HmpError("there is no gdb server here");
        }
        out.println("Disabled gdbserver");
    }

    private static void log(HmpOutput out, HmpArguments arguments) {
        if (!arguments.string("items").equals("none")) {
            out.println("Log items (comma separated):");
            out.println("none            remove all logs");
        }
    }

    private static void oneInstruction(HmpOutput out, HmpArguments arguments) throws HmpError {
        String option = arguments.optionalString("option").orElse("off");
        switch (option) {
            case "off" -> {}
            case "on" -> throw new HmpError("one-insn-per-tb is not supported");
            default -> out.println("unexpected option " + option);
        }
    }

    private static void profile(HmpOutput out, HmpArguments arguments) throws HmpError {
        String operation = arguments.optionalString("op").orElse("");
        switch (operation) {
            case "" -> out.println("sync-profile is off");
            case "off", "reset" -> {}
            case "on" -> throw new HmpError("profiling of locks is not supported");
            default -> throw new HmpError("invalid parameter '" + operation + "', expecting 'on', 'off', or 'reset'");
        }
    }

    private static void dirtyRate(HmpOutput out, HmpArguments arguments) throws HmpError {
        if (arguments.number("second") == 0) {
            out.println("Incorrect period length specified!");
            return;
        }
        throw new HmpError("measuring the dirty rate is not supported; info migrate shows it during a migration");
    }

    private static void readPort(HmpOutput out, HmpArguments arguments) {
        // Nothing is connected: all lines are high. What is not 2 or 4 bytes wide is read as one.
        int size = arguments.format("fmt").size();
        String suffix = size == 2 ? "w" : size == 4 ? "l" : "b";
        long value = size == 2 ? 0xffffL : size == 4 ? 0xffff_ffffL : 0xffL;
        long port = arguments.number("addr") & 0xffff;
        out.println(
                "port" + suffix + "[0x" + Hex.digits(port, 4) + "] = 0x" + Hex.digits(value, 2 * Math.max(1, size)));
    }

    private void accelerator(HmpOutput out, HmpArguments arguments) {
        out.println("Accelerator settings:");
        out.println("one-insn-per-tb: off");
        out.println("");
        for (String line : guest.decodedCode()) {
            out.println(line);
        }
    }

    private static void statistics(HmpOutput out, HmpArguments arguments) {
        String target = arguments.string("target");
        if (!target.equals("vm") && !target.equals("vcpu")) {
            out.println("invalid stats target " + target);
            return;
        }
        arguments.optionalString("provider").ifPresent(provider -> {
            if (!provider.equals("kvm") && !provider.equals("cryptodev")) {
                out.println("invalid stats provider " + provider);
            }
        });
    }
}
