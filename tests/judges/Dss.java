import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.pades.validation.PDFDocumentValidator;
import eu.europa.esig.dss.pdf.modifications.DefaultPdfDifferencesFinder;
import eu.europa.esig.dss.pdf.pdfbox.PdfBoxDefaultObjectFactory;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import java.io.File;
import java.time.Instant;
import java.util.Date;

/**
 * Asks EU DSS about the signatures of files. Three arguments for each file: the root to trust, the moment to judge at,
 * the file. One line for each signature: the file's number, field, level, indication, sub-indication, how many
 * changes after it DSS cannot explain by signing, and in how many annotations. Of a file that it cannot read, one line
 * with UNREAD for the indication, and why.
 */
class Dss {
    public static void main(String[] arguments) {
        for (int place = 0; place < arguments.length; place += 3) {
            var number = place / 3;
            try {
                judge(number, new File(arguments[place]), Instant.parse(arguments[place + 1]), arguments[place + 2]);
            } catch (RuntimeException error) {
                System.out.println(String.join("\t", String.valueOf(number), "", "", "UNREAD",
                    error.getClass().getSimpleName(), "0", "0"));
            }
        }
    }

    private static void judge(int number, File root, Instant moment, String file) {
        var anchors = new CommonTrustedCertificateSource();
        anchors.addCertificate(DSSUtils.loadCertificate(root));
        var verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(anchors);
        verifier.setAIASource(null); // nothing is fetched: the file must carry its proof
        var validator = SignedDocumentValidator.fromDocument(new FileDocument(file));
        validator.setCertificateVerifier(verifier);
        ((PDFDocumentValidator) validator).setPdfObjFactory(withoutPictures());
        validator.setValidationTime(Date.from(moment));
        var reports = validator.validateDocument();
        var found = reports.getSimpleReport();
        for (var signature : reports.getDiagnosticData().getSignatures()) {
            var id = signature.getId();
            var revision = signature.getPDFRevision();
            System.out.println(String.join("\t", String.valueOf(number), revision.getFirstFieldName(),
                found.getSignatureFormat(id).toString(), found.getIndication(id).toString(),
                String.valueOf(found.getSubIndication(id)),
                String.valueOf(revision.getPdfUndefinedChanges().size()),
                String.valueOf(revision.getPdfAnnotationChanges().size())));
        }
    }

    /** Comparing the pages as pictures takes longer than all else; what the files' objects say is compared anyway. */
    private static PdfBoxDefaultObjectFactory withoutPictures() {
        var comparison = new DefaultPdfDifferencesFinder();
        comparison.setMaximalPagesAmountForVisualComparison(0);
        var factory = new PdfBoxDefaultObjectFactory();
        factory.setPdfDifferencesFinder(comparison);
        return factory;
    }
}
