/* Hides features of an x86 processor from the rest of this process (arch_prctl(2), ARCH_SET_CPUID):
   CPUID raises SIGSEGV from then on, and the handler answers with the hidden bits cleared. Threads
   that are started later inherit it; programs that are executed do not. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { SET_CPUID = 0x1012 };

typedef struct { uint32_t leaf, subleaf, registers[4]; } Hidden; /* eax, ebx, ecx, edx */

static Hidden hidden[8];
static int hidden_count;

static long set_cpuid(unsigned long usable) { return syscall(SYS_arch_prctl, SET_CPUID, usable); }

static void answer(int number, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const uint8_t *code = (const uint8_t *)registers[REG_RIP];
    /* A fault of CPUID gives no address; any other comes again, without this handler. */
    if (info->si_addr || code[0] != 0x0f || code[1] != 0xa2) {
        signal(number, SIG_DFL);
        return;
    }
    uint32_t leaf = registers[REG_RAX], subleaf = registers[REG_RCX], a = leaf, b, c = subleaf, d;
    set_cpuid(1);
    __asm__ volatile("cpuid" : "+a"(a), "=b"(b), "+c"(c), "=d"(d));
    set_cpuid(0);
    for (int i = 0; i < hidden_count; i++) {
        /* Leaf 1 has no subleaves: ecx holds whatever was there. */
        if (hidden[i].leaf != leaf || (leaf != 1 && hidden[i].subleaf != subleaf)) continue;
        a &= ~hidden[i].registers[0];
        b &= ~hidden[i].registers[1];
        c &= ~hidden[i].registers[2];
        d &= ~hidden[i].registers[3];
    }
    registers[REG_RAX] = a;
    registers[REG_RBX] = b;
    registers[REG_RCX] = c;
    registers[REG_RDX] = d;
    registers[REG_RIP] += 2;
}

/* 0, or -1 where the processor, its hypervisor or the kernel cannot do that. */
int hide(const Hidden *bits, int count) {
    if (count > 8) return -1;
    for (int i = 0; i < count; i++) hidden[i] = bits[i];
    hidden_count = count;
    struct sigaction action = {.sa_sigaction = answer, .sa_flags = SA_SIGINFO};
    if (sigaction(SIGSEGV, &action, 0)) return -1;
    return set_cpuid(0) ? -1 : 0;
}
