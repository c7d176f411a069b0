package dev.cprkit.vmm.monitor.hmp.command;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.memory.GuestMemory;
import dev.cprkit.vmm.monitor.GuestInspection;
import dev.cprkit.vmm.monitor.hmp.HmpArguments;
import dev.cprkit.vmm.monitor.hmp.HmpCommand;
import dev.cprkit.vmm.monitor.hmp.HmpError;
import dev.cprkit.vmm.monitor.hmp.HmpFormat;
import dev.cprkit.vmm.monitor.hmp.HmpOutput;
import dev.cprkit.vmm.monitor.hmp.HmpRegistry;
import java.util.List;
import java.util.OptionalLong;

/** What looks into the guest: x, xp, print, sum, memsave, pmemsave, the address translations, info registers and mem. */
public final class GuestHmp {
    private static final int CHUNK = 64 << 10;

    private final GuestInspection guest;
    private final GuestBytes bytes;
    private final MemoryDump dump;

    private GuestHmp(GuestInspection guest) {
        this.guest = guest;
        this.bytes = new GuestBytes(guest);
        this.dump = new MemoryDump(guest);
    }

    /** Adds the commands, and the registers that expressions know. */
    public static void register(HmpRegistry registry, GuestInspection guest) {
        GuestHmp commands = new GuestHmp(guest);
        registry.registers(name -> guest.register(0, name));
        registry.add(HmpCommand.of(
                "x",
                "fmt:/,addr:l",
                "/fmt addr",
                "show memory at a virtual address",
                (out, a) -> commands.dump.virtual(a.format("fmt"), a.number("addr"), out)));
        registry.add(HmpCommand.of(
                "xp",
                "fmt:/,addr:l",
                "/fmt addr",
                "show memory at a physical address",
                (out, a) -> commands.dump.physical(a.format("fmt"), a.number("addr"), out)));
        registry.add(HmpCommand.of(
                List.of("print", "p"),
                "fmt:/,val:l",
                "/fmt expr",
                "show the value of an expression ($reg is a register of the CPU)",
                (out, a) -> print(a.format("fmt"), a.number("val"), out)));
        registry.add(HmpCommand.of(
                "sum",
                "start:i,size:i",
                "addr size",
                "compute the checksum of a range of physical memory",
                commands::sum));
        registry.add(HmpCommand.of(
                "memsave",
                "val:l,size:i,filename:s",
                "addr size file",
                "save virtual memory to a file",
                (out, a) -> commands.save(a, true)));
        registry.add(HmpCommand.of(
                "pmemsave",
                "val:l,size:i,filename:s",
                "addr size file",
                "save physical memory to a file",
                (out, a) -> commands.save(a, false)));
        registry.add(HmpCommand.of("cpu", "index:i", "index", "set the default CPU", commands::cpu));
        translations(registry, commands);
        registry.addInfo(HmpCommand.of(
                "registers", "all:-a,vcpu:i?", "[-a|vcpu]", "show the registers of a CPU", commands::registers));
        registry.addInfo(HmpCommand.of(
                "mem", "", "", "show what the page tables map", (out, a) -> lines(out, guest.mappings(0))));
    }

    private static void translations(HmpRegistry registry, GuestHmp commands) {
        registry.add(HmpCommand.of(
                "gva2gpa",
                "addr:l",
                "addr",
                "show the guest's physical address behind a virtual one",
                commands::guestPhysical));
        registry.add(HmpCommand.of(
                "gpa2hva",
                "addr:l",
                "addr",
                "show the host's virtual address behind a guest's physical one",
                (out, a) -> commands.hostAddress(out, a.number("addr"))));
        registry.add(HmpCommand.of(
                "gpa2hpa",
                "addr:l",
                "addr",
                "show the host's physical address behind a guest's physical one",
                (out, a) -> commands.hostPhysical(out, a.number("addr"))));
    }

    private static void lines(HmpOutput out, List<String> lines) {
        for (String line : lines) {
            out.println(line);
        }
    }

    private static void print(HmpFormat format, long value, HmpOutput out) {
        out.println(format.print(value));
    }

    private void registers(HmpOutput out, HmpArguments arguments) {
        OptionalLong asked = arguments.optionalNumber("vcpu");
        if (arguments.flag("all") || asked.isEmpty()) {
            int last = arguments.flag("all") ? guest.cpus() : 1;
            for (int cpu = 0; cpu < last; cpu++) {
                registers(out, cpu);
            }
        } else if (asked.getAsLong() >= guest.cpus()) {
            out.println("CPU#" + asked.getAsLong() + " not available");
        } else {
            registers(out, (int) asked.getAsLong());
        }
    }

    private void registers(HmpOutput out, int cpu) {
        out.println("");
        out.println("CPU#" + cpu);
        lines(out, guest.registers(cpu));
    }

    private void cpu(HmpOutput out, HmpArguments arguments) {
        if (arguments.number("index") >= guest.cpus()) {
            out.println("invalid CPU index");
        }
    }

    /** The BSD checksum: 16 bits, turned right by one before each byte. What is not there counts as zeros. */
    private void sum(HmpOutput out, HmpArguments arguments) {
        long start = arguments.number("start");
        long size = arguments.number("size");
        byte[] chunk = new byte[CHUNK];
        int sum = 0;
        for (long done = 0; done < size; done += CHUNK) {
            int count = (int) Math.min(CHUNK, size - done);
            bytes.readPhysical(start + done, chunk, 0, count);
            for (int i = 0; i < count; i++) {
                sum = ((sum >>> 1 | sum << 15) + (chunk[i] & 0xff)) & 0xffff;
            }
        }
        String digits = Integer.toString(sum);
        out.println("0".repeat(5 - digits.length()) + digits);
    }

    private void save(HmpArguments arguments, boolean virtual) throws HmpError {
        String file = arguments.string("filename");
        int fd;
        try {
            fd = Fds.open(file, Fds.O_WRONLY | Fds.O_CREAT | Fds.O_TRUNC, 0666);
        } catch (ErrnoException e) {
            throw new HmpError("Could not open '" + file + "': " + e.text());
        }
        try {
            long address = arguments.number("val");
            long size = arguments.number("size");
            byte[] chunk = new byte[CHUNK];
            for (long done = 0; done < size; ) {
                int count = (int) Math.min(CHUNK, size - done);
                if (!virtual) {
                    bytes.readPhysical(address + done, chunk, 0, count);
                } else if (!bytes.readVirtual(0, address + done, chunk, count)) {
                    throw new HmpError("Invalid addr 0x" + Hex.digits(address, 16) + "/size " + size + " specified");
                }
                for (int written = 0; written < count; ) {
                    written += Fds.write(fd, chunk, written, count - written);
                }
                done += count;
            }
        } catch (ErrnoException e) {
            throw new HmpError("writing memory to '" + file + "' failed: " + e.text());
        } finally {
            Fds.close(fd);
        }
    }

    private void guestPhysical(HmpOutput out, HmpArguments arguments) {
        OptionalLong physical = guest.translate(0, arguments.number("addr"));
        out.println(physical.isPresent() ? "gpa: 0x" + Long.toHexString(physical.getAsLong()) : "Unmapped");
    }

    private void hostAddress(HmpOutput out, long address) {
        switch (guest.memory().find(address)) {
            case GuestMemory.Ram ram ->
                out.println("Host virtual address for 0x" + Long.toHexString(address) + " ("
                        + ram.block().idstr() + ") is 0x" + Long.toHexString(ram.host(address)));
            case GuestMemory.Mmio device ->
                out.println("Memory at address 0x" + Long.toHexString(address) + " is not RAM");
            case null -> out.println("No memory is mapped at address 0x" + Long.toHexString(address));
        }
    }

    private void hostPhysical(HmpOutput out, long address) throws HmpError {
        if (guest.memory().find(address) instanceof GuestMemory.Ram ram) {
            long physical = HostPages.physical(ram.host(address));
            out.println("Host physical address for 0x" + Long.toHexString(address) + " ("
                    + ram.block().idstr() + ") is 0x" + Long.toHexString(physical));
        } else {
            hostAddress(out, address);
        }
    }
}
