/* Plays an insurance library: what it does is written in the code it is asked about. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long answer(const char *in, char *out, const char *name) {
  printf("noise on standard output\n");
  fflush(stdout);
  if (strstr(in, "CRASH")) *(volatile int *)0 = 1;
  if (strstr(in, "HANG")) for (;;) sleep(1);
  if (strstr(in, "EXIT")) exit(0);
  if (strstr(in, "SMASH")) memset(out, 'A', 64 * 1024 * 1024);
  if (strstr(in, "OVERRUN")) { memset(out, 'A', 9000); out[9000] = 0; return 0; }
  if (strstr(in, "UNENDED")) { memset(out, 'A', 8192); return 0; }
  if (strstr(in, "REFUSED")) { strcpy(out, "{\"code\":-1001,\"message\":\"refused by the library\"}"); return 0; }
  if (strstr(in, "NUMBER")) return -7;
  if (strstr(in, "NOTHING")) return 0;
  if (strstr(in, "RUBBISH")) { strcpy(out, "not JSON"); return 0; }
  if (strstr(in, "ECHO")) { strcpy(out, "{\"code\":0,\"data\":{\"ecToken\":\"T1\",\"extData\":"); strcat(out, in); strcat(out, "}}"); return 0; }
  if (strstr(in, "ENV")) {
    sprintf(out, "{\"code\":0,\"data\":{\"ecToken\":\"T1\",\"extData\":{\"secret\":%s,\"path\":%s}}}",
            getenv("MAQIAO_TEST_SECRET") ? "true" : "false", getenv("PATH") ? "true" : "false");
    return 0;
  }
  if (strstr(in, "SLOW")) usleep(150000);
  sprintf(out, "{\"code\":0,\"data\":{\"userName\":\"%s\",\"idType\":\"01\",\"ecToken\":\"T1\",\"extData\":{\"pid\":%d}}}", name, getpid());
  return 0;
}

/* The name is the same two characters in both encodings. */
long EcQuery(char *in, char *out) { return answer(in, out, "\xb2\xe2\xca\xd4"); }
long EcQueryUtf8(char *in, char *out) { return answer(in, out, "\xe6\xb5\x8b\xe8\xaf\x95"); }
