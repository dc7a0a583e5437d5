/* xml.h - whether a text is well-formed XML */
#ifndef MICA_TESTS_XML_H
#define MICA_TESTS_XML_H

/* What is wrong, or NULL: every element is closed in turn, attributes have quotes and no name
   twice, & and < are escaped, there is one root. No comments, DTDs or CDATA. */
const char *mica_xml_problem(const char *text);

#endif
