package org.splitrack.manager.internal.http;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.manager.internal.process.ProgramStore;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/** {@code /v1/programs}: modules by digest. */
@RestController
@RequestMapping("/v1/programs/{digest}")
final class ProgramApi {
  private final ProgramStore programs;

  ProgramApi(ProgramStore programs) {
    this.programs = programs;
  }

  @PutMapping
  ResponseEntity<Void> put(@PathVariable String digest, HttpServletRequest request)
      throws IOException {
    if (request.getContentLengthLong() > ProgramStore.MAX_PROGRAM_BYTES) {
      throw new ControlFault(
          Code.BAD_REQUEST, "a program has at most " + ProgramStore.MAX_PROGRAM_BYTES + " bytes");
    }
    programs.put(digest, request.getInputStream());
    return ResponseEntity.noContent().build();
  }

  @RequestMapping(method = RequestMethod.HEAD)
  ResponseEntity<Void> head(@PathVariable String digest) {
    return programs.has(digest) ? ResponseEntity.ok().build() : ResponseEntity.notFound().build();
  }
}
